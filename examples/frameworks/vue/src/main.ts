import { createApp } from 'vue'
import List from './list.vue'

createApp(List).mount('#list')
