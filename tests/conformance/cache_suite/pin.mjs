// Preloaded into the suite's origin, which would listen on every address: it listens on loopback, on a free port, and says
// which one on its standard output.
import net from 'node:net'

const listen = net.Server.prototype.listen
net.Server.prototype.listen = function () {
  this.once('listening', () => console.log(`port ${this.address().port}`))
  return listen.call(this, { port: 0, host: '127.0.0.1' })
}
