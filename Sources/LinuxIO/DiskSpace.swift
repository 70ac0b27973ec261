import Glibc

/// What is left on a file system (statvfs(3)).
package struct DiskSpace: Equatable, Sendable {
    /// For users other than root.
    package var freeBytes: Int
    package var totalBytes: Int
    /// Nil on those that make them as they are needed.
    package var freeFiles: Int?
    package var isReadOnly: Bool

    package init(freeBytes: Int, totalBytes: Int, freeFiles: Int? = nil, isReadOnly: Bool = false) {
        self.freeBytes = freeBytes
        self.totalBytes = totalBytes
        self.freeFiles = freeFiles
        self.isReadOnly = isReadOnly
    }

    package init(at path: String) throws(Errno) {
        var figures = statvfs()
        try call { statvfs(path, &figures) }
        let unit = Int(clamping: figures.f_frsize)
        freeBytes = Int(clamping: figures.f_bavail).multipliedReportingOverflow(by: unit).partialValue
        totalBytes = Int(clamping: figures.f_blocks).multipliedReportingOverflow(by: unit).partialValue
        freeFiles = figures.f_files == 0 ? nil : Int(clamping: figures.f_favail)
        isReadOnly = figures.f_flag & UInt(ST_RDONLY) != 0
    }
}
