import vue from '@vitejs/plugin-vue'
import { latchkey } from 'latchkey/vite'
import { defineConfig } from 'vite'

export default defineConfig({ plugins: [vue(), latchkey()] })
