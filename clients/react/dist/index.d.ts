/**
 * Footfall for React 18 and 19: the tracker under a provider, and two hooks.
 *
 * The tracker is made once for a page, outside of React: effects that run twice, or before the provider's own, as
 * children's do, lose and double nothing.
 */
import { type ReactElement, type ReactNode } from 'react';
import { footfall, type Consent, type Options, type Properties, type Tracker } from './tracker.js';
export { footfall };
export type { Consent, Options, Properties, Tracker };
/** What components call. */
export type Analytics = Omit<Tracker, 'init' | 'site'>;
/** What the provider is told; what it is told later changes nothing any more. */
export interface AnalyticsProviderProps extends Omit<Options, 'api'> {
    children?: ReactNode;
    /** Where Footfall is, such as `https://footfall.example.com`; events go to `/batch` there. */
    apiEndpoint: string;
    /** The whole URL that batches are posted to, where it is not `/batch`. */
    api?: string | undefined;
}
/** Begins to count the page, each navigation included, and gives the components in it `useAnalytics`. */
export declare function AnalyticsProvider({ children, apiEndpoint, api, ...options }: AnalyticsProviderProps): ReactElement;
/** `track`, `pageview`, `identify` and what else a page may call; always the same object. */
export declare function useAnalytics(): Analytics;
/**
 * Names the page that is shown by a path of your own, such as its route's pattern: the view that the provider counts, and
 * the page's events, are under it. It says so each time the component renders, and only for the address it renders at, so
 * pages that name nothing are counted as they are. Without a path nothing changes.
 *
 * A route that renders more than a quarter of a second after the address changes comes too late, as its view is sent
 * then. With `off="pageview"` on the provider views wait for their names, and pages without one are not counted.
 */
export declare function usePageTracking(path?: string, title?: string): void;
