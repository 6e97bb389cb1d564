package dev.muster.agent.session;

import java.time.Duration;

/**
 * Why a session is over, or did not come about; {@link Backoff} works out from it when to try again.
 *
 * @param comeBack how long the server asks to wait; zero when it does not say
 */
public record SessionEnd(Kind kind, String reason, Duration comeBack) {
    public SessionEnd(Kind kind, String reason) {
        this(kind, reason, Duration.ZERO);
    }

    public enum Kind {
        /** By ourselves, to come back at once: there is a new certificate. */
        RENEWED,
        /** The network, the server's restart, silence. */
        LOST,
        /** The server knows us and does not want us: revoked, retired, expired. Trying again soon changes nothing. */
        REFUSED,
        /** By ourselves: our certificate has expired, so that no server would let us in. */
        EXPIRED,
        /** Somebody else connected with the same certificate. */
        TAKEN_OVER
    }

    /** Of a reason code in CONNACK or DISCONNECT (docs/protocol.md §2 and §5). */
    static SessionEnd ofCode(String packet, int code, String reason, int comeBackSeconds) {
        Kind kind = switch (code) {
            case 0x84, 0x87, 0x8A, 0x8C, 0x98 -> Kind.REFUSED;
            case 0x8E -> Kind.TAKEN_OVER;
            default -> Kind.LOST;
        };
        String text = reason.isEmpty() ? "" : ", " + reason;
        return new SessionEnd(
                kind,
                "the server sent " + packet + " 0x" + Integer.toHexString(code) + meaning(code) + text,
                Duration.ofSeconds(comeBackSeconds));
    }

    private static String meaning(int code) {
        return switch (code) {
            case 0x87 -> " (not authorized: the certificate is revoked or expired, or the asset is retired or unknown)";
            case 0x89 -> " (the server is busy)";
            case 0x8B -> " (the server stops)";
            case 0x8D -> " (silence for too long)";
            case 0x8E -> " (another session of the same asset)";
            case 0x96 -> " (too many refused messages)";
            case 0x98 -> " (ended by an operator)";
            case 0x9F -> " (too many attempts)";
            default -> "";
        };
    }
}
