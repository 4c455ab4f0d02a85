/** The tracker as a script of a page: it reads its own attributes, and pages call it as `footfall`. */
import { start } from './tracker.js'

declare const FULL: boolean
declare const self: { footfall?: any }

const { dataset, src } = document.currentScript as HTMLScriptElement
const before = self.footfall

// A tracker's `track` takes two arguments. What was called before is a list, and an element may have the id `footfall`.
if (before?.track?.length) console.warn('footfall')
else {
  const footfall: any = (self.footfall = start(dataset, new URL(dataset.api || 'batch', src)))
  // What was called before the script was there, in order.
  if (FULL && before?.pop) for (const [method, given] of before) footfall[method]?.(...given)
}
