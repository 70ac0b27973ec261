extension WorkerHost {
    /// For the status file.
    package struct Status: Codable, Equatable, Sendable {
        package var name: String
        /// Nil while none runs, which is how a worker that is not needed looks.
        package var pid: Int?
        /// Invocations that it has begun.
        package var running: Int
        package var crashes: Int
    }
}
