package dev.muster.platform.postgres;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import sun.misc.Signal;

/**
 * Stands in for {@code postgres} in a process of its own: hands everything to a real one behind it until a file appears. Then it kills that
 * one and becomes what was seen after a full disk: alive, deaf to signals, refusing each connection in the words of PostgreSQL for good.
 *
 * <p>Arguments: the real program, the file, then those of {@code postgres}.
 */
final class StuckPostmaster {
    private static final int SSL_REQUEST = 80877103;
    private static final int GSS_REQUEST = 80877104;

    private final Process real;
    private final int realPort;
    private final Path sign;
    private final Path pidFile;
    private boolean stuck;

    private StuckPostmaster(Process real, int realPort, Path sign, Path pidFile) {
        this.real = real;
        this.realPort = realPort;
        this.sign = sign;
        this.pidFile = pidFile;
    }

    public static void main(String[] arguments) throws Exception {
        int port = 0;
        int realPort = freePort();
        List<String> command = new ArrayList<>(List.of(arguments[0]));
        for (String argument : Arrays.asList(arguments).subList(2, arguments.length)) {
            if (argument.startsWith("port=")) {
                port = Integer.parseInt(argument.substring("port=".length()));
                command.add("port=" + realPort);
            } else {
                command.add(argument);
            }
        }
        Process real = new ProcessBuilder(command).inheritIO().start();
        Path data = Path.of(command.get(command.indexOf("-D") + 1));
        StuckPostmaster postmaster =
                new StuckPostmaster(real, realPort, Path.of(arguments[1]), data.resolve("postmaster.pid"));
        Thread.ofPlatform().daemon().start(postmaster::endWithTheRealOne);
        try (ServerSocket server = new ServerSocket(port, 50, InetAddress.getLoopbackAddress())) {
            while (true) {
                Socket client = server.accept();
                Thread.ofPlatform().daemon().start(() -> postmaster.serve(client));
            }
        }
    }

    private void endWithTheRealOne() {
        try {
            int code = real.waitFor();
            synchronized (this) {
                if (!stuck) {
                    Runtime.getRuntime().halt(code);
                }
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void serve(Socket client) {
        try (client) {
            if (isStuck()) {
                refuse(client);
                return;
            }
            try (Socket server = new Socket(InetAddress.getLoopbackAddress(), realPort)) {
                Thread back = Thread.ofPlatform().daemon().start(() -> pump(server, client));
                pump(client, server);
                back.join();
            }
        } catch (IOException | InterruptedException e) {
            System.err.println("a connection ended: " + e);
        }
    }

    private synchronized boolean isStuck() throws IOException {
        if (!stuck && Files.deleteIfExists(sign)) {
            for (String signal : List.of("INT", "TERM")) { // a JVM goes on after QUIT as it is
                Signal.handle(new Signal(signal), ignored -> {});
            }
            stuck = true;
            List<String> lines = new ArrayList<>(Files.readAllLines(pidFile));
            lines.set(0, Long.toString(ProcessHandle.current().pid()));
            real.destroyForcibly();
            Files.write(pidFile, lines);
        }
        return stuck;
    }

    private static void refuse(Socket client) throws IOException {
        DataInputStream in = new DataInputStream(client.getInputStream());
        int length = in.readInt();
        int code = in.readInt();
        if (code == SSL_REQUEST || code == GSS_REQUEST) {
            client.getOutputStream().write('N');
            length = in.readInt();
            in.readInt();
        }
        in.skipNBytes(length - 8L);
        String fields = "SFATAL\0VFATAL\0C57P03\0Mthe database system is not yet accepting connections\0\0";
        var out = new DataOutputStream(client.getOutputStream());
        out.writeByte('E');
        out.writeInt(4 + fields.length());
        out.write(fields.getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }

    private static void pump(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
            to.shutdownOutput();
        } catch (IOException e) {
            System.err.println("a connection ended: " + e);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
