import { useEffect, useState } from 'react'

/** As the system says, or one of the two. */
export type ThemeChoice = 'auto' | 'light' | 'dark'

const storageKey = 'streamdb-inspector-theme'
const choices = ['auto', 'light', 'dark'] as const

/** The theme that is drawn, the one that is chosen, and what chooses the next. */
export interface Theme {
  readonly theme: 'light' | 'dark'
  readonly chosenTheme: ThemeChoice
  readonly nextTheme: () => void
}

/** Follows the system's colour scheme until the user chooses; the choice is remembered. */
export function useTheme(): Theme {
  const [chosenTheme, setChosen] = useState(storedChoice)
  const [isDark, setDark] = useState(() => darkQuery()?.matches ?? false)
  useEffect(() => {
    const query = darkQuery()
    const onChange = (): void => setDark(query?.matches ?? false)
    query?.addEventListener('change', onChange)
    return () => query?.removeEventListener('change', onChange)
  }, [])
  return {
    chosenTheme,
    theme: chosenTheme === 'auto' ? (isDark ? 'dark' : 'light') : chosenTheme,
    nextTheme: () => {
      const next = choices[(choices.indexOf(chosenTheme) + 1) % choices.length] ?? 'auto'
      store(next)
      setChosen(next)
    },
  }
}

function darkQuery(): MediaQueryList | undefined {
  return typeof matchMedia === 'function' ? matchMedia('(prefers-color-scheme: dark)') : undefined
}

function storedChoice(): ThemeChoice {
  try {
    const stored = localStorage.getItem(storageKey)
    return choices.find((choice) => choice === stored) ?? 'auto'
  } catch {
    // A page that may not store: the system decides.
    return 'auto'
  }
}

function store(choice: ThemeChoice): void {
  try {
    localStorage.setItem(storageKey, choice)
  } catch {
    // As above: the choice is for this time.
  }
}
