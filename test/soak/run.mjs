// Installs and builds what is missing, and runs the soak (main.ts).

import { runWithBuild } from '../rig/run-with-build.mjs'

await runWithBuild('test/soak/main.ts')
