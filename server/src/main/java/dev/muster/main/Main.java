package dev.muster.main;

import dev.muster.platform.config.Settings;
import dev.muster.platform.config.SettingsException;
import dev.muster.platform.config.SettingsReader;
import java.util.List;

/** {@code muster server}: starts the control plane. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        try {
            Settings settings = new SettingsReader(SettingsCatalog.ALL).read(List.of(args), System.getenv());
            MusterServer server = MusterServer.start(settings);
            Runtime.getRuntime().addShutdownHook(new Thread(server::close, "shutdown"));
            System.out.println("muster serves " + server.httpUrl());
        } catch (SettingsException e) {
            System.err.println("muster server: " + e.getMessage());
            System.exit(2);
        }
    }
}
