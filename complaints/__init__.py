"""12315: complaints and reports from intake to call-back, with every clock of the law."""
