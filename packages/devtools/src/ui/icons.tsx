/** The icons, as paths on a square of 16. */
const paths = {
  search: 'M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.4 10.4 14 14',
  close: 'm4 4 8 8M12 4l-8 8',
  sun: 'M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M13 3l-1 1M4 12l-1 1',
  moon: 'M13.5 9.5A6 6 0 0 1 6.5 2.5a6 6 0 1 0 7 7z',
  auto: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 2v12',
  help: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM6.3 6.3a1.8 1.8 0 1 1 2.5 1.9c-.5.2-.8.6-.8 1.1M8 11.4v.1',
  upload: 'M8 11V3M4.8 6 8 2.8 11.2 6M2.5 11v2.5h11V11',
  download: 'M8 2.5v8M4.8 7.4 8 10.6l3.2-3.2M2.5 11v2.5h11V11',
  copy: 'M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3',
  chevron: 'm6 3.5 4.5 4.5L6 12.5',
  previous: 'm10 3.5-4.5 4.5L10 12.5',
  group: 'M2.5 3.5h11M5.5 8h8M5.5 12.5h8M2.5 3.5v9h3M2.5 8h3',
  clock: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 4.8V8l2.2 1.6',
  pencil: 'm3 13 .7-2.8L10.8 3l2.2 2.2-7.2 7.1z',
  back: 'M6.5 3.5 2.5 7.5l4 4M2.5 7.5h7a4 4 0 0 1 4 4v1',
  test: 'M6 2h4M6.8 2v4L3 13a.9.9 0 0 0 .8 1.3h8.4A.9.9 0 0 0 13 13L9.2 6V2M5 9.5h6',
} as const

export type IconName = keyof typeof paths

/** A drawing beside a name, or in a button that has one. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  )
}
