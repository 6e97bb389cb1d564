package dev.muster.simulator.client;

/** Told what happens to a client and its messages; called on the client's event loop, must not block. */
public interface ClientListener {

    /** CONNACK with success. */
    default void connected(AssetClient client) {}

    /** An established session ended; the client tries again unless it was stopped. */
    default void disconnected(AssetClient client, String reason) {}

    /** An attempt failed before the session was established. */
    default void connectFailed(AssetClient client, String reason) {}

    /** PUBACK with success; the nanoseconds count from the first sending on this session. */
    default void acknowledged(AssetClient client, Message message, long nanos) {}

    /** PUBACK with a refusing reason code: the message is given up. */
    default void refused(AssetClient client, Message message, int reasonCode) {}

    /** The buffer was full: the oldest message that was not yet sent was given up. */
    default void dropped(AssetClient client, Message message) {}

    /** A message on a subscribed topic; already acknowledged. */
    default void received(AssetClient client, String topic, byte[] payload) {}

    /** Listens to nothing. */
    ClientListener SILENT = new ClientListener() {};
}
