/** Web vitals as an optional part: one event when the page is hidden, of what the browser measured until then. */
import { onCLS, onFCP, onINP, onLCP, onTTFB } from 'web-vitals'
import type { Footfall } from './types.js'

/** Report the web vitals of this page to a tracker. Call it once, in a page. */
export const vitals = (footfall: () => Pick<Footfall, 'event'> | undefined): void => {
  let numbers: Record<string, number> = {}
  for (const measure of [onCLS, onFCP, onINP, onLCP, onTTFB]) {
    measure(({ name, value }) => {
      // CLS is a score below 1 at most times, the others are milliseconds.
      numbers[name.toLowerCase()] = name == 'CLS' ? Math.round(value * 1e4) / 1e4 : Math.round(value)
    })
  }
  // Bubbling, so after the listeners in which the browser's last values are reported.
  addEventListener('visibilitychange', () => {
    if (document.hidden && Object.keys(numbers).length) {
      footfall()?.event('vitals', { properties: numbers })
      numbers = {}
    }
  })
}
