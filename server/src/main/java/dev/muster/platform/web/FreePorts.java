package dev.muster.platform.web;

import dev.muster.platform.config.ListenAddress;
import dev.muster.platform.config.Setting;
import dev.muster.platform.config.Settings;
import dev.muster.platform.error.StartRefusal;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Sees before anything starts that every address to listen on is free, and names who has it. */
public final class FreePorts {
    private FreePorts() {}

    /** @throws StartRefusal with every address that cannot be listened on */
    public static void require(Settings settings, List<Setting<ListenAddress>> addresses) {
        List<String> problems = new ArrayList<>();
        Map<ListenAddress, String> taken = new HashMap<>();
        for (Setting<ListenAddress> setting : addresses) {
            ListenAddress address = settings.get(setting);
            if (address.port() == 0) {
                continue;
            }
            String other = taken.putIfAbsent(address, setting.key());
            if (other != null) {
                problems.add(setting.key() + " and " + other + " are both " + address);
            } else {
                problem(setting, address).ifPresent(problems::add);
            }
        }
        if (!problems.isEmpty()) {
            throw new StartRefusal(String.join("\n", problems));
        }
    }

    private static Optional<String> problem(Setting<ListenAddress> setting, ListenAddress address) {
        InetSocketAddress socketAddress = address.socketAddress();
        if (socketAddress.isUnresolved()) {
            return Optional.of(
                    "cannot listen on " + address + " (" + setting.key() + "): the host name has no address");
        }
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(socketAddress);
            return Optional.empty();
        } catch (IOException e) {
            Optional<String> owner = PortOwner.of(address.port());
            return Optional.of("cannot listen on " + address + " (" + setting.key() + "): "
                    + owner.map(process -> "the port is taken by " + process + "; stop it")
                            .orElse(e.getMessage() + "; find out who has it")
                    + ", or choose another port with " + setting.flagName() + "=HOST:PORT (port 0 is any free one)");
        }
    }
}
