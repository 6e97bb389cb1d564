package dev.muster.simulator.demo;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/**
 * The ports that the server of the demonstration is to listen on, on this machine only; 0 is any free one.
 *
 * @param http management and console
 */
record Ports(int http, int mqtt, int device) {
    private static final Ports WELL_KNOWN = new Ports(8080, 8883, 8443);
    private static final int TRIED = 100;

    static Ports any() {
        return new Ports(0, 0, 0);
    }

    /** The usual ports; for each that is taken the next one that is not. */
    static Ports wellKnownOrNext() {
        return new Ports(free(WELL_KNOWN.http), free(WELL_KNOWN.mqtt), free(WELL_KNOWN.device));
    }

    boolean areTheUsual() {
        return equals(WELL_KNOWN);
    }

    static int free(int wanted) {
        for (int port = wanted; port < wanted + TRIED; port++) {
            if (isFree(port)) {
                return port;
            }
        }
        return 0;
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException taken) {
            return false;
        }
    }
}
