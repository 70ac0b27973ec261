import Glibc
import NodeMedia

/// Brings samples to another rate and number of channels, without an encoder: every moment becomes the weighted mean of those
/// around it (a windowed sinc), and what the new rate cannot carry is left out instead of folded back.
struct SoundConverter {
    private let from: SoundFormat
    private let to: SoundFormat
    /// Samples of the old rate for one of the new.
    private let step: Double
    /// So many samples of the old rate count to each side.
    private let reach: Int
    private let weights: [Float]
    /// Mixed to the new channels already, interleaved, from the frame numbered `first`, which may lie before the first there was.
    private var waiting: [Float]
    private var first: Int
    private var made = 0

    /// Zero crossings of the sinc to each side.
    private static let lobes = 16
    /// Weights are looked up in a table with so many for each sample.
    private static let resolution = 256

    init(from: SoundFormat, to: SoundFormat) {
        self.from = from
        self.to = to
        step = Double(from.sampleRate) / Double(to.sampleRate)
        // The slope of the filter lies below what the lower rate can carry.
        let cutoff = 0.94 * min(1, 1 / step)
        let reach = Int((Double(Self.lobes) / cutoff).rounded(.up))
        self.reach = reach
        weights = (0...(reach * Self.resolution + 1)).map { index in
            let distance = Double(index) / Double(Self.resolution)
            guard distance < Double(reach) else { return 0 }
            let phase = Double.pi * distance * cutoff
            let sinc = distance == 0 ? 1 : sin(phase) / phase
            // Blackman's window.
            let place = Double.pi * distance / Double(reach)
            return Float(sinc * (0.42 + 0.5 * cos(place) + 0.08 * cos(2 * place)))
        }
        first = -reach
        waiting = [Float](repeating: 0, count: reach * to.channels)
    }

    /// What `samples` complete of the new ones.
    mutating func convert(_ samples: [Int16]) -> [Int16] {
        if from == to { return samples }
        mix(samples)
        var converted: [Int16] = []
        let count = waiting.count / to.channels
        while true {
            let place = Double(made) * step
            let nearest = Int(place.rounded(.down))
            guard nearest + reach < first + count else { break }
            add(place, nearest, to: &converted)
            made += 1
        }
        // What no later one reaches back to.
        let needless = min(count, Int((Double(made) * step).rounded(.down)) - reach - first)
        if needless > 0 {
            waiting.removeFirst(needless * to.channels)
            first += needless
        }
        return converted
    }

    /// The rest, so that `total` moments have come in all.
    mutating func finish(total: Int) -> [Int16] {
        if from == to { return [] }
        var rest = convert([Int16](repeating: 0, count: (reach + Int(step.rounded(.up)) + 1) * from.channels))
        let surplus = made - total
        if surplus > 0 { rest.removeLast(min(rest.count, surplus * to.channels)) }
        return rest
    }

    private mutating func mix(_ samples: [Int16]) {
        let frames = samples.count / from.channels
        waiting.reserveCapacity(waiting.count + frames * to.channels)
        for frame in 0..<frames {
            let start = frame * from.channels
            if to.channels == 1 {
                var sum: Float = 0
                for channel in 0..<from.channels { sum += Float(samples[start + channel]) }
                waiting.append(sum / Float(from.channels))
            } else {
                for channel in 0..<to.channels {
                    waiting.append(Float(samples[start + min(channel, from.channels - 1)]))
                }
            }
        }
    }

    private func add(_ place: Double, _ nearest: Int, to converted: inout [Int16]) {
        let range = (nearest - reach + 1)...(nearest + reach)
        var sums = (Float(0), Float(0))
        var total: Float = 0
        waiting.withUnsafeBufferPointer { waiting in
            for frame in range {
                let distance = abs(place - Double(frame)) * Double(Self.resolution)
                let index = Int(distance)
                guard index < weights.count - 1 else { continue }
                let share = Float(distance - Double(index))
                let weight = weights[index] * (1 - share) + weights[index + 1] * share
                total += weight
                let start = (frame - first) * to.channels
                sums.0 += waiting[start] * weight
                if to.channels > 1 { sums.1 += waiting[start + 1] * weight }
            }
        }
        converted.append(Self.sample(sums.0 / total))
        if to.channels > 1 { converted.append(Self.sample(sums.1 / total)) }
    }

    private static func sample(_ value: Float) -> Int16 {
        Int16(max(-32_768, min(32_767, value.rounded())))
    }
}
