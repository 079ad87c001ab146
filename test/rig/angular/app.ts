import {
  ChangeDetectionStrategy,
  ChangeDetectorRef,
  Component,
  inject,
  signal,
  type Type,
} from '@angular/core'
import { HttpClient } from '@angular/common/http'
import { RouterOutlet } from '@angular/router'
import type { AuthError } from 'latchkey'
import { injectAuth } from 'latchkey/angular'

// Without decorators, so that no compiler of Angular's is needed: the one in the browser reads the templates.
const { OnPush } = ChangeDetectionStrategy

/** Says who is logged in, and gets a token. */
export const Profile: Type<unknown> = Component({
  selector: 'app-profile',
  changeDetection: OnPush,
  template: `
    <p id="status">{{ auth.status() }}</p>
    <p id="name">{{ auth.user()?.sub }}{{ countRendering() }}</p>
    <button id="log-in" (click)="auth.login()"></button>
    <button id="leave" (click)="auth.login({ mode: 'redirect' })"></button>
    <button id="log-out" (click)="auth.logout({ local: true })"></button>
    <button id="get-token" (click)="showToken()"></button>
    <p id="token">{{ auth.status() === 'logged-in' ? token() : 'none' }}</p>
  `,
})(
  class {
    auth = injectAuth()
    token = signal('')

    async showToken() {
      this.token.set(await this.auth.getToken().catch(({ code }: AuthError) => code))
    }

    countRendering() {
      if (typeof window !== 'undefined') window.renders = (window.renders ?? 0) + 1
      return ''
    }
  },
)

/** The test app: who is logged in, and a part for users alone. */
export const Page: Type<unknown> = Component({
  selector: 'app-page',
  changeDetection: OnPush,
  imports: [Profile],
  template: `
    <app-profile />
    @switch (auth.status()) {
      @case ('loading') { <p id="waiting">One moment</p> }
      @case ('logged-in') { <p id="inside">Inside</p> }
      @default { <p id="fallback">{{ auth.error()?.code ?? auth.status() }}</p> }
    }
  `,
})(
  class {
    auth = injectAuth()
  },
)

/** Calls an API, and keeps what it says where Angular does not see it change. */
export const Orders: Type<unknown> = Component({
  selector: 'app-orders',
  template: `
    <button id="call-api" (click)="callApi()"></button>
    <p id="orders">{{ orders }}</p>
  `,
})(
  class {
    orders = ''
    http = inject(HttpClient)
    changes = inject(ChangeDetectorRef)

    callApi() {
      this.http.get<{ orders: string }>('/api/orders').subscribe(({ orders }) => {
        this.orders = orders
        // In a zone, Angular looks by itself.
        if (!('Zone' in globalThis)) this.changes.markForCheck()
      })
    }
  },
)

/** Where a guard of the app sends users. */
export const LoginPage: Type<unknown> = Component({
  selector: 'app-login',
  template: `<p id="login-page">{{ query }}</p>`,
})(
  class {
    query = location.search
  },
)

/** The root of the test app. */
export const Root: Type<unknown> = Component({
  selector: 'app-root',
  imports: [Page, Orders],
  template: `
    <app-page />
    <app-orders />
  `,
})(class {})

/** The root of the test app with a router. */
export const RouterRoot: Type<unknown> = Component({
  selector: 'app-root',
  imports: [RouterOutlet],
  template: `<router-outlet />`,
})(class {})

declare global {
  interface Window {
    renders?: number
    listeners: number
    remount: (again: boolean) => void
    navigationErrors: unknown[]
    authDefaults: { issuer: string; clientId: string }
    authAtLoad: object | undefined
  }
}
