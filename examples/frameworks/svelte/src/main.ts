import { mount } from 'svelte'
import List from './list.svelte'

const target = document.getElementById('list')
if (target !== null) mount(List, { target })
