package dev.muster.gateway.file;

/** What an asset says of a file cannot be understood; the message says what, for whoever sent it. */
final class MalformedFileException extends Exception {
    MalformedFileException(String message) {
        super(message);
    }
}
