/** Web vitals as a second script of a page, beside `f.js` or `f.core.js`, in any order. */
import { vitals } from './vitals.js'

vitals(() => (window as { footfall?: any }).footfall)
