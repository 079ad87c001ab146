import '@angular/compiler'
import { provideHttpClient, withFetch, withInterceptors } from '@angular/common/http'
import {
  bootstrapApplication,
  provideClientHydration,
  type BootstrapContext,
} from '@angular/platform-browser'
import { provideServerRendering, renderApplication } from '@angular/platform-server'
import { createClient } from 'latchkey'
import { authInterceptor, provideAuth } from 'latchkey/angular'
import { Root } from './app.js'

// What is printed is the page, without Angular's notes about development mode.
console.log = () => {}

// The test app as a server renders it.
const providers = [
  provideAuth(() => createClient({ issuer: 'https://id.example.com', clientId: 'spa' })),
  provideHttpClient(withFetch(), withInterceptors([authInterceptor])),
  provideClientHydration(),
  provideServerRendering(),
]
const html = await renderApplication(
  (context: BootstrapContext) => bootstrapApplication(Root, { providers }, context),
  { document: '<div id="root"><app-root></app-root></div>', url: '/ui/' },
)
// All of it: Angular looks for its mark at the start of the body.
process.stdout.write(/<body[^>]*>([^]*)<\/body>/.exec(html)![1]!)
