package dev.muster.registry.document;

/**
 * Something wrong in a declared document.
 *
 * @param path where, such as {@code spec.telemetry.metrics.speed.min}
 */
public record Problem(String path, String message) {
    @Override
    public String toString() {
        return path + ": " + message;
    }
}
