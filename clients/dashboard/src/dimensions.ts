/** The panels of the overview and what each shows: one row a dimension or view, and everything else is read from these. */

export type PanelName = 'sources' | 'pages' | 'places' | 'devices' | 'events'

export interface Tab {
  /** A dimension of the API, or a view of its own. */
  name: string
  /** In its panel, whose name stands beside it. */
  tab: string
  /** Anywhere else; "" for a view, which is no dimension. */
  title: string
}

export interface PanelInfo {
  name: PanelName
  title: string
  /** How many of the tabs stand beside each other; the others are in a list. */
  shown: number
  tabs: readonly Tab[]
}

export const PANELS: readonly PanelInfo[] = [
  {
    name: 'sources',
    title: 'Sources',
    shown: 4,
    tabs: [
      { name: 'channel', tab: 'Channel', title: 'Channel' },
      { name: 'source', tab: 'Source', title: 'Source' },
      { name: 'referrer', tab: 'Referrer', title: 'Referrer' },
      { name: 'utm_campaign', tab: 'Campaign', title: 'Campaign' },
      { name: 'utm_medium', tab: 'Medium', title: 'Medium' },
      { name: 'utm_source', tab: 'UTM source', title: 'UTM source' },
      { name: 'utm_term', tab: 'Term', title: 'Term' },
      { name: 'utm_content', tab: 'Content', title: 'Content' },
    ],
  },
  {
    name: 'pages',
    title: 'Pages',
    shown: 3,
    tabs: [
      { name: 'page', tab: 'Viewed', title: 'Page' },
      { name: 'entry_page', tab: 'Entry', title: 'Entry page' },
      { name: 'exit_page', tab: 'Exit', title: 'Exit page' },
      { name: 'title', tab: 'Title', title: 'Title' },
      { name: 'hostname', tab: 'Host', title: 'Host' },
    ],
  },
  {
    name: 'places',
    title: 'Places',
    shown: 4,
    tabs: [
      { name: 'map', tab: 'Map', title: '' },
      { name: 'country', tab: 'Country', title: 'Country' },
      { name: 'region', tab: 'Region', title: 'Region' },
      { name: 'city', tab: 'City', title: 'City' },
      { name: 'language', tab: 'Language', title: 'Language' },
    ],
  },
  {
    name: 'devices',
    title: 'Devices',
    shown: 3,
    tabs: [
      { name: 'browser', tab: 'Browser', title: 'Browser' },
      { name: 'os', tab: 'System', title: 'System' },
      { name: 'device', tab: 'Device', title: 'Device' },
      { name: 'browser_version', tab: 'Browser version', title: 'Browser version' },
      { name: 'os_version', tab: 'System version', title: 'System version' },
      { name: 'screen_size', tab: 'Screen', title: 'Screen' },
    ],
  },
  {
    name: 'events',
    title: 'Events',
    shown: 2,
    tabs: [
      { name: 'event', tab: 'Name', title: 'Event' },
      { name: 'properties', tab: 'Properties', title: '' },
    ],
  },
]
export const PANEL_NAMES: readonly PanelName[] = PANELS.map((panel) => panel.name)

const TABS = new Map(PANELS.flatMap((panel) => panel.tabs.map((tab) => [tab.name, tab])))

/** Whether the API knows a dimension of this name. */
export function isDimension(name: string): boolean {
  return Boolean(TABS.get(name)?.title) || (name.startsWith('props:') && name.length > 6)
}

/** What a dimension or view is called on the page; a property by its own key. */
export function titleOf(name: string): string {
  const tab = TABS.get(name)
  return tab ? tab.title || tab.tab : name.replace(/^props:/, '')
}
