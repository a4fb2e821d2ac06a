import "@memhp/shards/worker";
