// First: the templates of the test app are compiled in the browser.
import '@angular/compiler'
import { run } from './run.js'

await run()
