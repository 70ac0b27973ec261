import CLibAV
import ClipChannel
import Glibc
import LinuxIO
import NodeMedia

/// The encoder's side of its channel: makes one file for whoever has connected descriptor 3, and ends with the conversation.
package enum EncoderService {
    /// Whether somebody has connected this program; otherwise it was started by hand.
    package static var hasChannel: Bool { MessageSocket.isOne(descriptor) }

    private static let descriptor: CInt = 3

    /// Returns when the other end has hung up before it has ordered anything; else that ends the process. Throws `Errno`.
    package static func run(on loop: EventLoop) async throws {
        CN_use_small_pages()
        let socket = try MessageSocket(adopting: FileDescriptor(adopting: descriptor), on: loop)
        guard var packet = try await socket.receive() else { return }
        guard case .order(let order)? = EncoderMessage(packet.bytes), let memory = packet.takeDescriptor(),
            let layout = RingLayout(order.plan), let ring = try? SharedMemory(adopting: memory),  // else refused below
            ring.bytes.count == layout.size
        else {
            _ = try socket.post(EncoderMessage.failed(.unencodable("the order cannot be read")).bytes)
            return
        }
        let (messages, inbox) = AsyncStream.makeStream(of: EncoderMessage.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await work(order, messages, layout, ring, socket) }
            while let packet = try await socket.receive() {
                guard let message = EncoderMessage(packet.bytes) else { break }
                inbox.yield(message)
            }
            // Nobody wants the file any more; what the codec is at, and whether it hangs, makes no difference.
            _exit(0)
        }
    }

    private static func work(
        _ order: EncoderMessage.Order, _ messages: AsyncStream<EncoderMessage>, _ layout: RingLayout,
        _ ring: SharedMemory, _ socket: MessageSocket
    ) async throws {
        do {
            let writer = try await onOwnThread("open") { Result { try ClipWriter(order) } }.get()
            try await socket.send(EncoderMessage.ready(encoder: writer.encoder).bytes)
            for await message in messages {
                switch message {
                case .frame(let slot, let bytes, let number, let time):
                    guard let range = layout.frame(slot, bytes: bytes) else { throw ClipError.encoderDied("a slot") }
                    let lease = RingLease(ring, range) { Self.tell(.frameTaken(slot: slot), socket) }
                    try await writer.add(lease, number: number, at: time)
                case .sound(let slot, let samples, let time):
                    guard let range = layout.sound(slot, samples: samples) else {
                        throw ClipError.encoderDied("a slot")
                    }
                    let lease = RingLease(ring, range) { Self.tell(.soundTaken(slot: slot), socket) }
                    try await writer.add(lease, soundAt: time)
                case .finish:
                    let (file, outcome) = try await writer.finish { Self.tell(.working, socket) }
                    try await socket.send(EncoderMessage.done(outcome).bytes, descriptors: [file.descriptor])
                    // It hangs up when it has it.
                    return
                default: throw ClipError.encoderDied("the order was spoken out of turn")
                }
            }
        } catch let error as ClipError {
            try await socket.send(EncoderMessage.failed(error).bytes)
        }
    }

    /// There is room: the other end reads all the time. One that is gone is noticed by the reader.
    private static func tell(_ message: EncoderMessage, _ socket: MessageSocket) {
        _ = try? socket.post(message.bytes)
    }
}
