import Glibc

/// The machine's name on the network.
package func hostName() -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
        guard let start = buffer.baseAddress, gethostname(start, buffer.count - 1) == 0 else { return "linux" }
        buffer[buffer.count - 1] = 0
        return String(cString: start)
    }
}
