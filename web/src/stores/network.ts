import { ref } from 'vue'

/** A part of the screens could not be fetched: the network is gone. Said until it is back or something else is opened. */
export const lost = ref(false)
