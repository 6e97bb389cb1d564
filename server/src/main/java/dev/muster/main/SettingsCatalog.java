package dev.muster.main;

import dev.muster.pki.PkiSettings;
import dev.muster.platform.config.Setting;
import dev.muster.platform.event.EventFeed;
import dev.muster.platform.postgres.Database;
import dev.muster.platform.web.HttpListener;
import java.util.List;
import java.util.stream.Stream;

/** Every setting of the server, by area, in the order of the reference page. */
public final class SettingsCatalog {
    public static final List<Setting<?>> ALL = Stream.of(
                    HttpListener.SETTINGS, PkiSettings.SETTINGS, Database.SETTINGS, EventFeed.SETTINGS)
            .<Setting<?>>flatMap(List::stream)
            .toList();

    private SettingsCatalog() {}
}
