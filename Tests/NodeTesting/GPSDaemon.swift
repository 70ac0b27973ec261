import Glibc
import LinuxIO
import NodeCore
import Synchronization

/// Debian's gpsd with a receiver of the test's own at a serial line, which it listens to while somebody asks.
package final class GPSDaemon: Sendable {
    /// Degrees north and east.
    package typealias Place = (latitude: Double, longitude: Double)

    package let port: UInt16
    package let process: ChildProcess
    /// Fires once gpsd listens to the receiver.
    package let isListened = OneShot()
    private let place: Mutex<Place?>

    private init(_ process: ChildProcess, _ port: UInt16, seeing place: Place?) {
        self.process = process
        self.port = port
        self.place = Mutex(place)
    }

    /// Where the receiver is from now on; nil: it sees no satellites.
    package func move(to place: Place?) {
        self.place.withLock { $0 = place }
    }

    /// Runs `body` beside one that is at `place`.
    package static func run<R: Sendable>(
        at place: Place?, on loop: EventLoop, _ body: @escaping @Sendable (GPSDaemon) async throws -> R
    ) async throws -> R {
        let folder = try ScratchFolder()
        let line = try SerialLine()
        // It is given its sockets as systemd would: the one for its control, and the one that is asked.
        let control = FileDescriptor(adopting: try call { socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | O_CLOEXEC, 0) })
        let server = FileDescriptor(adopting: try call { socket(AF_INET, CInt(SOCK_STREAM.rawValue) | O_CLOEXEC, 0) })
        let (rawControl, rawServer) = (control.raw, server.raw)
        try withUnixAddress(folder.file("control")) { address, length throws(Errno) in
            try call { bind(rawControl, address, length) }
        }
        try call { listen(rawControl, 8) }
        // Without an address it gets one of the kernel's choice.
        try call { listen(rawServer, 8) }
        var name = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let outcome = withUnsafeMutablePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(rawServer, $0, &length) }
        }
        if outcome != 0 { throw Errno.current }
        let nothing = try FileDescriptor(opening: "/dev/null", flags: O_RDWR)
        let process = try ChildProcess.spawn(
            "/bin/sh",
            arguments: [
                "-c", "LISTEN_PID=$$ LISTEN_FDS=2 exec /usr/sbin/gpsd -N \"$0\"", line.path,
            ],
            descriptors: [(nothing.raw, as: 1), (nothing.raw, as: 2), (rawControl, as: 3), (rawServer, as: 4)],
            on: loop)
        let daemon = GPSDaemon(process, UInt16(bigEndian: name.sin_port), seeing: place)
        let result = await withTaskGroup(of: Result<R, any Error>?.self) { group in
            group.addTask {
                await daemon.receive(line, on: loop)
                return nil
            }
            group.addTask {
                do { return .success(try await body(daemon)) } catch { return .failure(error) }
            }
            defer { group.cancelAll() }
            while let next = await group.next() {
                if let next { return next }
            }
            return .failure(CancellationError())
        }
        await process.end()
        return try result.get()
    }

    /// Says where it is, five times a second, until cancelled.
    private func receive(_ line: SerialLine, on loop: EventLoop) async {
        do {
            while true {
                if line.isOpen {
                    isListened.fire()
                    line.say(Self.sentences(place.withLock { $0 }))
                }
                try await loop.sleep(for: .milliseconds(200))
            }
        } catch {}  // the test has ended
    }

    /// What a receiver says at each measurement (NMEA 0183).
    package static func sentences(_ place: Place?) -> String {
        let now = WallClock.text(.universal)
        let time = now.clock.filter { $0 != ":" }.dropLast()
        let day = now.date.split(separator: "-").reversed().map { $0.suffix(2) }.joined()
        guard let place else {
            return sentence("GPGGA,\(time),,,,,0,00,99.99,,,,,,")
                + sentence("GPGSA,A,1,,,,,,,,,,,,,99.9,99.9,99.9") + sentence("GPRMC,\(time),V,,,,,,,\(day),,,N")
        }
        let latitude = angle(place.latitude, digits: 2) + (place.latitude < 0 ? ",S" : ",N")
        let longitude = angle(place.longitude, digits: 3) + (place.longitude < 0 ? ",W" : ",E")
        return sentence("GPGGA,\(time),\(latitude),\(longitude),1,08,0.9,519.4,M,46.9,M,,")
            + sentence("GPGSA,A,3,04,05,09,12,24,,,,,,,,2.5,1.3,2.1")
            + sentence("GPRMC,\(time),A,\(latitude),\(longitude),010.0,084.4,\(day),,,A")
    }

    private static func sentence(_ text: String) -> String {
        let sum = String(text.utf8.reduce(0, ^), radix: 16, uppercase: true)
        return "$\(text)*\(sum.utf8.count < 2 ? "0" : "")\(sum)\r\n"
    }

    /// Degrees, and minutes to four places.
    private static func angle(_ degrees: Double, digits: Int) -> String {
        func padded(_ number: Int, _ digits: Int) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
        }
        let minutes = Int((abs(degrees) * 600_000).rounded())
        let rest = minutes % 600_000
        return padded(minutes / 600_000, digits) + padded(rest / 10_000, 2) + "." + padded(rest % 10_000, 4)
    }
}
