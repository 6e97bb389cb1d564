package dev.muster.main;

import dev.muster.pki.PkiSettings;
import dev.muster.platform.config.ListenAddress;
import dev.muster.platform.config.Setting;
import dev.muster.platform.config.Settings;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import org.springframework.stereotype.Component;

/** Where assets reach device HTTPS, for what is sent to them as an address instead of as content. */
@Component
final class DeviceUrl {
    static final Setting<String> DEVICE_URL = new Setting<>(
            "device-url",
            "https://host:port",
            "",
            "Where assets reach device HTTPS from outside; empty: the first of device-host-names, or this machine's name,"
                    + " with the port of device-listen.",
            false,
            DeviceUrl::parse);

    private final String configured;
    private final String host;
    private volatile int port;

    DeviceUrl(Settings settings) {
        this.configured = settings.get(DEVICE_URL);
        this.host = host(settings);
        this.port = settings.get(Devices.DEVICE_LISTEN).port();
    }

    /** The port is known when it was chosen by the machine. */
    void opened(int actual) {
        port = actual;
    }

    /** Without a slash at the end. */
    String base() {
        return configured.isEmpty() ? "https://" + new ListenAddress(host, port) : configured;
    }

    private static String host(Settings settings) {
        List<String> names = settings.get(PkiSettings.DEVICE_HOST_NAMES);
        if (!names.isEmpty()) {
            return names.getFirst();
        }
        InetAddress listen = settings.get(Devices.DEVICE_LISTEN).socketAddress().getAddress();
        if (listen != null && listen.isLoopbackAddress()) {
            return "localhost";
        }
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException nameless) {
            return "localhost";
        }
    }

    private static String parse(String text) {
        if (text.isEmpty()) {
            return text;
        }
        URI uri = URI.create(text);
        if (!"https".equals(uri.getScheme()) || uri.getHost() == null || uri.getQuery() != null) {
            throw new IllegalArgumentException("must be an address such as https://devices.example.com:8443");
        }
        return text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
    }
}
