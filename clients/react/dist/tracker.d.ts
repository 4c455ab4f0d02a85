import type { Consent, Footfall, Options, Properties } from './types.js';
export type { Consent, Footfall, Options, Properties };
/** How the tracker is begun: where batches are posted to has to be said. */
export interface Settings extends Options {
    api: string;
}
/** The tracker of this page, which may be called before it is begun. */
export interface Tracker extends Footfall {
    /** Begin to count; what was called before follows in order. Only the first call counts. */
    init(settings: Settings): void;
}
export declare const footfall: Tracker;
