/** Light, dark, or as the system is; and whether one-letter keys are on. Both are kept on this device. */

import { useSyncExternalStore } from 'react'

export type Theme = 'system' | 'light' | 'dark'

const listeners = new Set<() => void>()

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function read(name: string): string {
  try {
    return localStorage.getItem(name) ?? ''
  } catch {
    return ''
  }
}

function write(name: string, text: string): void {
  try {
    if (text) localStorage.setItem(name, text)
    else localStorage.removeItem(name)
  } catch {
    // A browser that keeps nothing: it holds for this page.
  }
  listeners.forEach((tell) => tell())
}

/** The theme and the way to change it. */
export function useTheme(): [Theme, (theme: Theme) => void] {
  const theme = useSyncExternalStore(subscribe, () => document.documentElement.dataset['theme'] ?? 'system') as Theme
  return [
    theme,
    (chosen) => {
      if (chosen === 'system') delete document.documentElement.dataset['theme']
      else document.documentElement.dataset['theme'] = chosen
      write('footfall.theme', chosen === 'system' ? '' : chosen)
    },
  ]
}

/** Whether one-letter keys do something, and the way to change it. */
export function useKeys(): [boolean, (on: boolean) => void] {
  const on = useSyncExternalStore(subscribe, () => read('footfall.keys') !== 'off')
  return [on, (chosen) => write('footfall.keys', chosen ? '' : 'off')]
}
