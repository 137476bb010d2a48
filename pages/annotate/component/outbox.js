// Judgments that the store has not acknowledged yet. Each is kept in the browser's local storage
// until it is, so that neither a dropped connection nor a closed tab loses one.

class Outbox {
  constructor(scope) {
    this.prefix = `sit-desk/${scope}/`
    this.items = []
    for (const key of this.stored()) {
      try {
        const item = JSON.parse(localStorage.getItem(key))
        if (item && item.id) this.items.push(item)
      } catch {
        localStorage.removeItem(key)
      }
    }
    this.items.sort((a, b) => a.at - b.at)
  }

  stored() {
    try {
      // Without a slash in the rest: that is the outbox of somebody whose name begins like this one.
      return Object.keys(localStorage).filter(
        (key) => key.startsWith(this.prefix) && !key.slice(this.prefix.length).includes("/"),
      )
    } catch {
      return [] // storage is switched off: judgments live as long as the page does
    }
  }

  add(item) {
    item.id = unique()
    item.at = Date.now()
    this.items.push(item)
    try {
      localStorage.setItem(this.prefix + item.id, JSON.stringify(item))
    } catch {
      // full or switched off; it is still sent from memory
    }
  }

  drop(id) {
    this.items = this.items.filter((item) => item.id !== id)
    try {
      localStorage.removeItem(this.prefix + id)
    } catch {
      // see add
    }
  }

  of(prediction) {
    return this.items.filter((item) => item.prediction === prediction)
  }
}

function unique() {
  const bytes = crypto.getRandomValues(new Uint8Array(12))
  return Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("")
}
