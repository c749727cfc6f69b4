/** WeChat's own browser lets nothing be downloaded. */
export const savesFiles = (): boolean => !/MicroMessenger/i.test(navigator.userAgent)

/** Hands a text to the device as a file of its own. */
export const saveFile = (text: string, name: string, type: string): void => {
  const address = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }))
  const anchor = document.createElement('a')
  anchor.href = address
  anchor.download = name
  anchor.click()
  setTimeout(() => URL.revokeObjectURL(address), 10_000)
}
