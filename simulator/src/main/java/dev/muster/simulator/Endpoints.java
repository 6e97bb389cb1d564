package dev.muster.simulator;

import java.net.InetSocketAddress;
import java.net.URI;

/**
 * Where assets find their server.
 *
 * @param device device HTTPS, {@code https://host:port}
 */
public record Endpoints(URI device, InetSocketAddress mqtt) {

    /** @param mqtt {@code host:port} */
    public static Endpoints of(String device, String mqtt) {
        int colon = mqtt.lastIndexOf(':');
        if (colon < 1) {
            throw new IllegalArgumentException("the MQTT address \"" + mqtt + "\" is not of the form host:port");
        }
        String host = mqtt.substring(0, colon);
        try {
            return new Endpoints(
                    URI.create(device.contains("://") ? device : "https://" + device),
                    new InetSocketAddress(host, Integer.parseInt(mqtt.substring(colon + 1))));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("the MQTT address \"" + mqtt + "\" has no port number", e);
        }
    }
}
