/** The tracker as a script of a page: it reads its own attributes, and pages call it as `footfall`. */
import { start } from './tracker.js'

declare const FULL: boolean

const { dataset, src } = document.currentScript as HTMLScriptElement
const page = self as { footfall?: any }
const before = page.footfall

// What was called before is a list, which has `pop`; a tracker has none.
if (before && !before.pop) console.warn('footfall twice')
else {
  const footfall: any = (page.footfall = start(dataset, new URL(dataset.api || 'batch', src)))
  // What was called before the script was there, in order.
  if (FULL) for (const [method, given] of before || []) footfall[method](...given)
}
