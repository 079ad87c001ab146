import { byId } from './element.js'

/** The expiry of a token for which the server sent none. */
export const endless = Number.MAX_SAFE_INTEGER

/** The lifetime of a token, in milliseconds since 1970. */
export interface Life {
  start: number
  end: number
}

/**
 * Creates the ring that shows how long the access token remains valid.
 *
 * Its timer runs only while there is something to count down and the page is visible.
 */
export function createTokenLife(): { show(life: Life | null): void } {
  let life: Life | null = null
  let timer: ReturnType<typeof setTimeout> | undefined

  function draw(): void {
    clearTimeout(timer)
    const rest = !life ? 0 : life.end >= endless ? Infinity : Math.max(0, life.end - Date.now())
    const share = !life || rest === 0 ? 0 : rest === Infinity ? 1 : rest / (life.end - life.start)
    byId('life').dataset['state'] = !life ? 'none' : rest === 0 ? 'over' : share < 0.15 ? 'low' : 'good'
    byId('life-ring').setAttribute('stroke-dasharray', `${Math.min(100, share * 100).toFixed(1)} 100`)
    byId('life-time').textContent = !life ? '–' : formatDuration(rest)
    byId('life-text').textContent = !life ? 'No access token' : describeRest(rest)
    // On the full second, so that the countdown does not stutter.
    if (rest > 0 && rest < Infinity && !document.hidden) timer = setTimeout(draw, rest % 1000 || 1000)
  }

  document.addEventListener('visibilitychange', draw)
  return {
    show(next) {
      life = next
      draw()
    },
  }
}

function describeRest(rest: number): string {
  if (rest === Infinity) return 'The server sent no expiry'
  return rest > 0 ? 'until the access token expires' : 'The next call renews it'
}

function formatDuration(milliseconds: number): string {
  if (milliseconds === Infinity) return '∞'
  const seconds = Math.round(milliseconds / 1000)
  if (seconds === 0) return 'Expired'
  const pad = (value: number) => String(value).padStart(2, '0')
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  return hours ? `${hours}:${pad(minutes)}:${pad(seconds % 60)}` : `${minutes}:${pad(seconds % 60)}`
}
