import { render } from 'solid-js/web'
import { List } from './list.tsx'

const root = document.getElementById('list')
if (root !== null) render(() => <List />, root)
