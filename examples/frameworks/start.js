// Leads back to the page that lists all examples, where that has started this one.

const { home } = await (await fetch('/frameworks.json')).json()
const link = document.querySelector('#home')
if (link instanceof HTMLAnchorElement && home !== undefined) {
  link.href = home
  link.hidden = false
}
