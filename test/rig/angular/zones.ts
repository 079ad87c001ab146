import 'zone.js'
import '@angular/compiler'
import { run } from './run.js'

await run()
