package dev.muster.platform.config;

import java.net.InetAddress;
import java.net.InetSocketAddress;

/** Where a program listens: a host name or address, and a port; 0 is any free one. IPv6 addresses stand in brackets. */
public record ListenAddress(String host, int port) {

    public static ListenAddress parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon <= 0 || text.indexOf(':') != colon && !text.startsWith("[")) {
            throw mustBe();
        }
        String host = text.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        try {
            int port = Integer.parseInt(text.substring(colon + 1));
            if (port >= 0 && port <= 65_535 && !host.isEmpty()) {
                return new ListenAddress(host, port);
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(mustBe().getMessage(), e);
        }
        throw mustBe();
    }

    public InetSocketAddress socketAddress() {
        return new InetSocketAddress(host, port);
    }

    /** Whether only programs on this machine can connect. */
    public boolean loopback() {
        InetAddress address = socketAddress().getAddress();
        return address != null && address.isLoopbackAddress();
    }

    private static IllegalArgumentException mustBe() {
        return new IllegalArgumentException(
                "must be host:port, for example 127.0.0.1:8080, with a port from 0 to 65535");
    }

    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
