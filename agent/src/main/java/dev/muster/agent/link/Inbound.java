package dev.muster.agent.link;

/**
 * What the server tells the asset. Called on one thread, which has nothing else to do: an implementation may take its
 * time, later messages wait for it.
 */
public interface Inbound {
    /** A session stands and its subscriptions are granted; comes before anything else of the session. */
    void connected();

    /** The whole desired document, or its {@code url} and {@code sha256} where it is too large (docs/protocol.md §4). */
    void desired(byte[] document);

    /** One command; the same one may come again in a later session. */
    void command(byte[] payload);
}
