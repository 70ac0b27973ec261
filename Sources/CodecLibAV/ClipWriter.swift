import ClipChannel
import LinuxIO
import NodeMedia

/// Makes one file on a thread of its own.
actor ClipWriter {
    private nonisolated let thread = WorkerThread(name: "encode")
    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    private let file: ClipFile
    /// The name of the encoder for pictures; empty without.
    nonisolated let encoder: String

    init(_ order: EncoderMessage.Order) throws(ClipError) {
        let file = try ClipFile(order)
        encoder = file.encoder
        self.file = file
    }

    func add(_ lease: RingLease, number: Int, at time: MonotonicTime) throws(ClipError) {
        try file.add(lease, number: number, at: time)
    }

    func add(_ lease: RingLease, soundAt time: MonotonicTime) throws(ClipError) {
        try file.add(lease, soundAt: time)
    }

    /// Everything that came is in the file; `sign` is called now and then.
    func finish(_ sign: @Sendable () -> Void) throws(ClipError) -> (MemoryFile, EncoderMessage.Outcome) {
        try file.finish(sign)
    }
}
