/** The page's state is its address: read here, changed here. The secret of a shared link stays in its fragment. */

import { useMemo, useSyncExternalStore } from 'react'
import { shareOf } from './share'
import { readState, writeState, type State } from './state'

const listeners = new Set<() => void>()
addEventListener('popstate', () => listeners.forEach((tell) => tell()))

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export type Go = (change: Partial<State>, replace?: boolean) => void

/** The state, the parts of the address that say nothing, and the way to change it: as a step of the history, or in place. */
export function useAddress(): { state: State; ignored: string[]; go: Go } {
  const search = useSyncExternalStore(subscribe, () => location.search)
  const read = useMemo(() => readState(search), [search])
  return { ...read, go }
}

const fragment = () => (shareOf(location.pathname) === null ? '' : location.hash)

/** Change the state as it is now. */
export const go: Go = (change, replace = false) => {
  const { state } = readState(location.search)
  const address = location.pathname + writeState({ ...state, ...change }) + fragment()
  if (address === location.pathname + location.search + fragment()) return
  history[replace ? 'replaceState' : 'pushState'](null, '', address)
  listeners.forEach((tell) => tell())
}

/** The address of the state with a change, for links. */
export function addressOf(change: Partial<State>): string {
  return location.pathname + (writeState({ ...readState(location.search).state, ...change }) || '?') + fragment()
}
