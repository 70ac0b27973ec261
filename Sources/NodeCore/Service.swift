/// Something that runs until its task is cancelled; when `run` returns, nothing of it is left.
package protocol Service: Sendable {
    func run() async throws
}
