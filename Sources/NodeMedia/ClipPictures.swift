/// The pictures of one clip, in their order, each with the time it was taken at.
package protocol ClipPictures: Sendable {
    /// Whether each has to be in the clip, because those after it refer to it, or because for long none may follow. Of others those are
    /// left out for which there is no room.
    var areNeeded: Bool { get }

    /// Waits for the next one, without an end: whoever films knows how long. Throws why there are no more.
    func next() async throws -> Image

    /// What waits is too old: what is given out begins with the next key frame.
    func skipToKeyFrame()

    /// The last that was given out could not be used: those that refer to it are not given out.
    func dropToKeyFrame()
}

/// For pictures that do not refer to each other.
extension ClipPictures {
    package func skipToKeyFrame() {}
    package func dropToKeyFrame() {}
}
