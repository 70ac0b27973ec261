import Glibc
import Testing

@testable import LinuxIO

@Suite struct FootprintTests {
    /// Of the files' executable parts, as the kernel counts it (proc_pid_smaps(5)); kB.
    private func residentCode() throws -> Int {
        let smaps = String(decoding: try StateFile.read("/proc/self/smaps", limit: 16 << 20), as: UTF8.self)
        var sum = 0
        var isCode = false
        for line in smaps.split(separator: "\n") {
            let fields = line.split(separator: " ")
            if fields.count > 5, fields[0].contains("-") {
                isCode = fields[1] == "r-xp" && fields[5].hasPrefix("/")
            } else if isCode, fields.first == "Rss:" {
                sum += try #require(Int(fields[1]))
            }
        }
        return sum
    }

    @Test("what has run is given back, and runs again") func trim() throws {
        let code = Footprint.mappedCode()
        // This test's own, and the C library's.
        #expect(code.count >= 2)
        for range in code {
            let page = UInt(sysconf(CInt(_SC_PAGESIZE)))
            for address in stride(from: range.lowerBound, to: range.upperBound, by: Int(page)) {
                let byte = try #require(UnsafePointer<UInt8>(bitPattern: address))
                withExtendedLifetime(byte.pointee) {}
            }
        }
        let before = try residentCode()
        Footprint.trim()
        let after = try residentCode()
        // Of tens of megabytes other tests, beside this one, can have touched only some.
        #expect(before > 4_000 && after < before * 3 / 4, "\(before) → \(after) kB")
    }
}
