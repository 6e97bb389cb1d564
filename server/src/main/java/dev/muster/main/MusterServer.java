package dev.muster.main;

import dev.muster.backup.Restoration;
import dev.muster.platform.config.DataDirectory;
import dev.muster.platform.config.DataDirectoryLock;
import dev.muster.platform.config.Settings;
import dev.muster.platform.config.SettingsReader;
import dev.muster.platform.health.DiskSpace;
import dev.muster.platform.postgres.Database;
import dev.muster.platform.start.Ahead;
import dev.muster.platform.web.FreePorts;
import dev.muster.platform.web.HttpListener;
import dev.muster.telemetry.questdb.QuestDbStore;
import dev.muster.telemetry.questdb.TelemetryConfiguration;
import java.util.List;
import java.util.Objects;
import org.springframework.boot.web.server.WebServer;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;

/** The running server. */
public final class MusterServer implements AutoCloseable {
    private final DataDirectory directory;
    private final DataDirectoryLock lock;
    private final ConfigurableApplicationContext context;

    private MusterServer(DataDirectory directory, DataDirectoryLock lock, ConfigurableApplicationContext context) {
        this.directory = directory;
        this.lock = lock;
        this.context = context;
    }

    /** Returns when it serves; throws when it cannot, with nothing left running. */
    public static MusterServer start(Settings settings) {
        DataDirectory directory = new DataDirectory(settings.get(SettingsReader.DATA_DIR));
        DataDirectoryLock lock = DataDirectoryLock.take(directory);
        try {
            Restoration.requireFinished(directory);
            DiskSpace.of(directory).requireRoom();
            ServerFile.delete(directory); // of a server that was killed
            FreePorts.require(settings, List.of(HttpListener.LISTEN, Devices.MQTT_LISTEN, Devices.DEVICE_LISTEN));
            return new MusterServer(directory, lock, startContext(settings, directory)).announced();
        } catch (RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    /** The databases are opened meanwhile: both wait for disks and processes more than they compute. */
    private static ConfigurableApplicationContext startContext(Settings settings, DataDirectory directory) {
        try (Ahead ahead = new Ahead()) {
            ahead.begin(Database.class, () -> Database.open(settings, directory));
            ahead.begin(QuestDbStore.class, () -> TelemetryConfiguration.open(settings, directory));
            return MusterApplication.builder()
                    .initializers(fresh -> {
                        fresh.getBeanFactory().registerSingleton("settings", settings);
                        fresh.getBeanFactory().registerSingleton("ahead", ahead);
                    })
                    .run();
        }
    }

    /** Of the management API, for example {@code http://127.0.0.1:8080}. */
    public String httpUrl() {
        WebServer web = Objects.requireNonNull(((WebServerApplicationContext) context).getWebServer(), "web server");
        return "http://127.0.0.1:" + web.getPort();
    }

    public DataDirectory directory() {
        return directory;
    }

    public <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    private MusterServer announced() {
        try {
            serverFile().write(directory);
            return this;
        } catch (RuntimeException e) {
            context.close();
            throw e;
        }
    }

    private ServerFile serverFile() {
        Devices devices = bean(Devices.class);
        return new ServerFile(
                ProcessHandle.current().pid(), httpUrl(), devices.mqtt(), devices.mqttPlain(), devices.https());
    }

    /** Stops in the reverse order of the start; returns when nothing is left running. */
    @Override
    public void close() {
        try {
            ServerFile.delete(directory);
            context.close();
        } finally {
            lock.close();
        }
    }
}
