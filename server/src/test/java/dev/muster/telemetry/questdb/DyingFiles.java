package dev.muster.telemetry.questdb;

import io.questdb.log.Log;
import io.questdb.std.str.LPSZ;
import io.questdb.std.str.Path;
import java.util.concurrent.atomic.AtomicInteger;

/** The files as a process sees them that is killed: after so many changes nothing is changed any more. */
final class DyingFiles extends StoreFiles {
    private final AtomicInteger left = new AtomicInteger(Integer.MAX_VALUE);

    /** @param changes from now on */
    void dieAfter(int changes) {
        left.set(changes);
    }

    void live() {
        left.set(Integer.MAX_VALUE);
    }

    boolean dead() {
        return left.get() < 0;
    }

    private boolean dies() {
        return left.getAndDecrement() <= 0;
    }

    @Override
    public boolean allocate(long fd, long size) {
        return !dies() && super.allocate(fd, size);
    }

    @Override
    public long append(long fd, long buf, long len) {
        return dies() ? -1 : super.append(fd, buf, len);
    }

    @Override
    public long write(long fd, long address, long len, long offset) {
        return dies() ? -1 : super.write(fd, address, len, offset);
    }

    @Override
    public int copy(LPSZ from, LPSZ to) {
        return dies() ? -1 : super.copy(from, to);
    }

    @Override
    public boolean unlinkOrRemove(Path path, Log logger) {
        return !dies() && super.unlinkOrRemove(path, logger);
    }

    @Override
    public boolean truncate(long fd, long size) {
        return !dies() && super.truncate(fd, size);
    }

    @Override
    public int mkdir(LPSZ path, int mode) {
        return dies() ? -1 : super.mkdir(path, mode);
    }

    @Override
    public int mkdirs(Path path, int mode) {
        return dies() ? -1 : super.mkdirs(path, mode);
    }

    @Override
    public long openAppend(LPSZ name) {
        return dies() ? -1 : super.openAppend(name);
    }

    @Override
    public long openCleanRW(LPSZ name, long size) {
        return dies() ? -1 : super.openCleanRW(name, size);
    }

    @Override
    public long openRW(LPSZ name, int opts) {
        return dies() ? -1 : super.openRW(name, opts);
    }

    @Override
    public long openRWNoCache(LPSZ name, int opts) {
        return dies() ? -1 : super.openRWNoCache(name, opts);
    }

    @Override
    public boolean removeQuiet(LPSZ name) {
        return !dies() && super.removeQuiet(name);
    }

    @Override
    public int rename(LPSZ from, LPSZ to) {
        return dies() ? -1 : super.rename(from, to);
    }

    @Override
    public boolean rmdir(Path name, boolean haltOnError) {
        return !dies() && super.rmdir(name, haltOnError);
    }
}
