import type { Footfall } from './types.js';
/** Report the web vitals of this page to a tracker. Call it once, in a page. */
export declare const vitals: (footfall: () => Pick<Footfall, "event"> | undefined) => void;
