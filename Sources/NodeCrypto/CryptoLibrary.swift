import COpenSSL

/// OpenSSL as a whole.
package enum CryptoLibrary {
    /// To be called before anything else of this target, by a program that ends while its threads go on.
    ///
    /// Else OpenSSL takes its locks and tables away in `exit`, and a thread that nobody waits for, because a disk may hang,
    /// dies in the middle of reading a key: the program was stopped as asked, and a crash is what its supervisor sees.
    package static func outliveExit() {
        // Fails without memory only, and then the next call does.
        _ = OPENSSL_init_crypto(UInt64(OPENSSL_INIT_NO_ATEXIT), nil)
    }
}
